// What is signed and who may sign goes to and fro as JSON, as WebAuthn writes it.

function answered(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw new Error('No passkey answered.');
  return credential.toJSON();
}

/** Asks the person to sign; throws where they cancel. */
export async function signWith(options: PublicKeyCredentialRequestOptionsJSON): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return answered(await navigator.credentials.get({ publicKey }));
}

/** Makes a passkey; throws where the person cancels. */
export async function makePasskey(options: PublicKeyCredentialCreationOptionsJSON): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return answered(await navigator.credentials.create({ publicKey }));
}
