/** The tokens of `serve`, each as a home's folder has it in a file: its digest, and never the token itself. */
export const TOKENS_TABLE = 'create table tokens (id text primary key, body text not null)';
