/** Every question that these pages ask. */

export const PRACTICE = `
  query Practice($slug: String!) {
    practice(slug: $slug) { name helpdeskEmail helpdeskPhone portalUrl language timeZone }
  }
`;

export const OPEN_INVITATION = `
  mutation OpenInvitation($token: String!) {
    openInvitation(token: $token) {
      __typename
      ... on InvitationOpened {
        practice { name helpdeskEmail helpdeskPhone portalUrl timeZone }
        personName
        expiresAt
        passwordRules { minimum }
      }
      ... on Refusal { code message }
    }
  }
`;

export const ACCEPT_INVITATION = `
  mutation AcceptInvitation($input: AcceptInvitationInput!) {
    acceptInvitation(input: $input) {
      __typename
      ... on AccountMade { loginCode signsInByEmail portalUrl }
      ... on LoginReopened { portalUrl }
      ... on WeakPassword { weaknesses }
      ... on Refusal { code message }
    }
  }
`;

export const LINK_INVITATION = `
  mutation LinkInvitation($token: String!) {
    linkInvitation(token: $token) {
      __typename
      ... on Refusal { code message }
    }
  }
`;

export const ASK_NEW_INVITATION = `
  mutation AskNewInvitation($token: String!) {
    askNewInvitation(token: $token) {
      __typename
      ... on Refusal { code message }
    }
  }
`;

export const VIEWER = `
  query Viewer {
    viewer { id name }
  }
`;

export const OPEN_PASSWORD_RESET = `
  mutation OpenPasswordReset($token: String!) {
    openPasswordReset(token: $token) {
      __typename
      ... on PasswordResetOpened { loginCode passwordRules { minimum } }
      ... on Refusal { code message }
    }
  }
`;

export const OPEN_VERIFICATION = `
  mutation OpenVerification($token: String!) {
    openVerification(token: $token) {
      __typename
      ... on Refusal { code message }
    }
  }
`;

export const RESET_PASSWORD = `
  mutation ResetPassword($input: ResetPasswordInput!) {
    resetPassword(input: $input) {
      __typename
      ... on WeakPassword { weaknesses }
      ... on Refusal { code message }
    }
  }
`;

export const VERIFY_EMAIL = `
  mutation VerifyEmail($token: String!, $password: String) {
    verifyEmail(token: $token, password: $password) {
      __typename
      ... on Refusal { code message }
    }
  }
`;

export const FORGOT_LOGIN_CODE = `
  mutation ForgotLoginCode($input: ForgotLoginCodeInput!) {
    forgotLoginCode(input: $input) {
      __typename
      ... on LoginCodeRequested { message }
      ... on Refusal { code message }
    }
  }
`;

export const FORGOT_PASSWORD = `
  mutation ForgotPassword($input: ForgotPasswordInput!) {
    forgotPassword(input: $input) {
      __typename
      ... on ResetRequested { message }
      ... on Refusal { code message }
    }
  }
`;
