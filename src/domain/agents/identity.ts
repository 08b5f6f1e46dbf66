/** The sender of an email. `smtp_url_env` names the environment variable that holds the SMTP URL. */
export type Identity = {
  id: string;
  name: string;
  email: string;
  signature?: string;
  smtp_url_env?: string;
  created_by: string;
  created_at: string;
  updated_at: string;
};
