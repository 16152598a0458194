//! OAuth 2.0 clients: grants, client authentication and signed tokens.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::member::{Content, FieldKey, Format, Leaf, Requires, Slot, help, member, overlay, secret, typed, words};
use super::unset;
use crate::value::Value;

words! {
    /// How an OAuth 2.0 client obtains tokens. The output has the identifier that is registered for it,
    /// since consumers such as Spring Security read `authorization-grant-type` as it stands.
    GrantType {
        /// RFC 6749, section 4.1.
        AuthorizationCode "AuthorizationCode" => "authorization_code",
        /// RFC 6749, section 4.4.
        ClientCredentials "ClientCredentials" => "client_credentials",
        /// RFC 6749, section 6.
        RefreshToken "RefreshToken" => "refresh_token",
        /// RFC 7523, section 2.1.
        JwtBearer "JWTBearer" => "urn:ietf:params:oauth:grant-type:jwt-bearer",
        /// RFC 8628.
        DeviceCode "DeviceCode" => "urn:ietf:params:oauth:grant-type:device_code",
    }
}

words! {
    /// How an OAuth 2.0 client authenticates at the token endpoint: the names of IANA's registry
    /// "OAuth Token Endpoint Authentication Methods".
    ClientAuthenticationMethod {
        /// A public client.
        None "none" => "none",
        /// The secret in the body.
        ClientSecretPost "client_secret_post" => "client_secret_post",
        /// The secret as HTTP Basic.
        ClientSecretBasic "client_secret_basic" => "client_secret_basic",
        /// A JWT that is signed with the secret.
        ClientSecretJwt "client_secret_jwt" => "client_secret_jwt",
        /// A JWT that is signed with a private key.
        PrivateKeyJwt "private_key_jwt" => "private_key_jwt",
        /// A TLS client certificate (RFC 8705).
        TlsClientAuth "tls_client_auth" => "tls_client_auth",
        /// A self-signed TLS client certificate (RFC 8705).
        SelfSignedTlsClientAuth "self_signed_tls_client_auth" => "self_signed_tls_client_auth",
    }
}

member! {
    /// The JSON Web Token that the client signs (RFC 7523).
    Jwt {
        /// The claim `iss`.
        #[schemars(length(min = 1, max = 1024))]
        "issuer" issuer: String => "jwt-issuer" "Issuer",
        /// The claim `sub`.
        #[schemars(length(min = 1, max = 1024))]
        "subject" subject: String => "jwt-subject" "Subject",
        /// The claim `aud`.
        #[schemars(length(min = 1, max = 1024))]
        "audience" audience: String => "jwt-audience" "Audience",
        /// The algorithm of the signature, such as RS256 (RFC 7518).
        #[schemars(length(min = 1, max = 32))]
        "algorithm" algorithm: String => "jwt-algorithm" "Algorithm",
        /// The header `kid`.
        #[schemars(length(min = 1, max = 253))]
        "keyID" key_id: String => "jwt-key-id" "Key ID",
        /// The private key that signs, usually PEM.
        "privateKey" private_key: Value => "signing-key" "Private key" lines,
    }
}

member! {
    /// An OAuth 2.0 client.
    OAuth2 {
        /// How the client obtains tokens: AuthorizationCode, ClientCredentials, RefreshToken, JWTBearer or DeviceCode. The output has the identifier that is registered for the grant. Absent: no key tells the application.
        "grantType" grant_type: GrantType => "authorization-grant-type" "Grant type",
        /// The client's identifier.
        "clientID" client_id: Value => public "client-id" "Client ID",
        /// The client's secret.
        "clientSecret" client_secret: Value => "client-secret" "Client secret",
        /// The token endpoint.
        #[schemars(length(max = 2048))]
        "tokenURL" token_url: String => "token-uri" "Token URL",
        /// The authorization endpoint.
        #[schemars(length(max = 2048))]
        "authorizationURL" authorization_url: String => "authorization-uri" "Authorization URL",
        /// Where the authorization server sends the user back to.
        #[schemars(length(max = 2048))]
        "redirectURL" redirect_url: String => "redirect-uri" "Redirect URL",
        /// A refresh token.
        "refreshToken" refresh_token: Value => "refresh-token" "Refresh token",
        /// The audience that a token is asked for.
        #[schemars(length(min = 1, max = 1024))]
        "audience" audience: String => "audience" "Audience",
        /// How the client authenticates at the token endpoint, in the words of IANA's registry. Absent: no key tells the application.
        "clientAuthenticationMethod" client_authentication_method: ClientAuthenticationMethod => "client-authentication-method" "Client authentication",
        /// The token that the client signs, for grant JWTBearer and for private_key_jwt.
        "jwt" jwt: Jwt => "" "JWT",
    }
}

impl Requires for OAuth2 {
    fn missing(&self) -> Vec<&'static str> {
        use ClientAuthenticationMethod as Method;
        let signed = self.jwt.as_ref().is_some_and(|jwt| jwt.private_key.is_some());
        let client = ("clientID", self.client_id.is_some());
        let needs_secret = matches!(
            self.client_authentication_method,
            None | Some(Method::ClientSecretBasic | Method::ClientSecretPost | Method::ClientSecretJwt)
        );
        let mut fields = match self.grant_type {
            Some(GrantType::JwtBearer) => vec![("jwt.privateKey", signed)],
            Some(GrantType::RefreshToken) => vec![client, ("refreshToken", self.refresh_token.is_some())],
            Some(GrantType::ClientCredentials) if needs_secret => {
                vec![client, ("clientSecret", self.client_secret.is_some())]
            }
            _ => vec![client],
        };
        let by_key = self.client_authentication_method == Some(Method::PrivateKeyJwt);
        if by_key && self.grant_type != Some(GrantType::JwtBearer) {
            fields.push(("jwt.privateKey", signed));
        }
        unset(&fields)
    }
}
