/**
 * The sender of an email. `smtp_url_env` and `imap_url_env` name the environment variables that hold the URLs of the mail
 * server and of the mailbox that answers come to, or the beginning of those that hold their parts.
 */
export type Identity = {
  id: string;
  name: string;
  email: string;
  signature?: string;
  smtp_url_env?: string;
  imap_url_env?: string;
  created_by: string;
  created_at: string;
  updated_at: string;
};
