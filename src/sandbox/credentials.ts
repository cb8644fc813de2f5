/** The sandbox's fixed, invented credentials: the same for every person who runs it, and worth nothing elsewhere. */
export const sandboxCredentials = {
  clientId: 'sandbox-client',
  clientSecret: 'sandbox-secret',
  /** The customerId in the published Flinks examples. */
  flinksCustomerId: '43387ca6-0391-4c82-857d-70d95f087ecb',
  flinksAuthKey: 'sandbox-auth-key',
  flinksApiKey: 'sandbox-api-key',
  webhookSecret: 'sandbox-webhook-secret',
} as const
