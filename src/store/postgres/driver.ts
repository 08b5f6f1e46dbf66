import fs from 'node:fs';
import type { ClientConfig } from 'pg';
import { AppError } from '../../domain/base/errors.ts';
import { errorCode } from '../../files/durable.ts';
import type { DatabaseAddress, DatabaseTls } from './address.ts';

const CONNECT_MS = 10_000;

/** The driver, loaded when a database is first needed. Throws AppError STORE_ERROR where it isn't installed. */
export async function loadDriver() {
  try {
    const driver = await import('pg');
    return driver.default;
  } catch (error) {
    if (errorCode(error) !== 'ERR_MODULE_NOT_FOUND' && errorCode(error) !== 'MODULE_NOT_FOUND') throw error;
    throw new AppError(
      'STORE_ERROR',
      'COUNTERSIGN_DATABASE_URL is set, and the package pg, which speaks to PostgreSQL, is not installed. Install it beside Countersign: npm install pg pg-boss',
    );
  }
}

function fileOf(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    throw new AppError('STORE_ERROR', `The database's URL names ${file}, which can't be read (${errorCode(error)}).`);
  }
}

function secureOptions({ rootFile, certFile, keyFile }: DatabaseTls): NonNullable<ClientConfig['ssl']> {
  const [ca, cert, key] = [fileOf(rootFile), fileOf(certFile), fileOf(keyFile)];
  return {
    rejectUnauthorized: true,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

/**
 * What the driver is given for an address: every part by name and never the URL, which the driver would read by rules of its
 * own. Throws AppError STORE_ERROR where a certificate's file can't be read.
 */
export function clientConfig(address: DatabaseAddress): ClientConfig {
  const { host, port, database, role: user, password, tls, bindsChannel } = address;
  return {
    ...{ host, port, database, user },
    ...(password === undefined ? {} : { password }),
    ssl: tls === false ? false : secureOptions(tls),
    enableChannelBinding: bindsChannel,
    application_name: 'countersign',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  };
}
