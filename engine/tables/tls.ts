import { KEY_EXCHANGES } from "../decoders/key-exchange.ts";
import { declareTable } from "./table.ts";

/** Outcome of a handshake, as far as it can be seen. */
export const HANDSHAKES = ["complete", "alert", "unanswered", "unfinished"] as const;

/** What it takes to read a session. */
export const DECRYPTIONS = ["key_log", "private_key", "server_key", "ephemeral", "resumed", "incomplete", "other"] as const;

export const tlsSessions = declareTable({
  name: "tls_sessions",
  shownBy: "packet capture",
  protocol: "tls",
  about: "One TLS or SSL handshake of a TCP connection as one capture point saw it, whatever the port.",
  host: "server_ip",
  peer: "client_ip",
  time: "time",
  columns: {
    stream: { type: "integer", about: "Number of the connection in its capture (tcp.stream); null in a text export" },
    client_ip: { type: "ip", about: "Address of the end that says hello first" },
    client_port: { type: "port", about: "Its port" },
    server_ip: { type: "ip", about: "Address of the other end" },
    server_port: { type: "port", about: "Its port" },
    time: { type: "time", about: "First message of the handshake" },
    server_name: { type: "text", about: "Name the client asks for (server_name, SNI), in lower case; null if it asks for none" },
    offered_version: { type: "text", about: "Highest version the client offers: `SSL 3.0`, `TLS 1.0`, `TLS 1.1`, `TLS 1.2`, `TLS 1.3`" },
    sslv2_hello: { type: "boolean", about: "The client's hello has the form of SSL 2.0" },
    version: { type: "text", about: "Version agreed on; null if the server's hello was not seen" },
    cipher_suite: { type: "text", about: "Cipher suite the server chose, by its registered name" },
    key_exchange: {
      type: "enum",
      values: KEY_EXCHANGES,
      about:
        "Key exchange of that suite; in a text export without the suite, `rsa` where a whole flight of the server has no Server Key Exchange",
    },
    resumed: { type: "boolean", about: "An earlier session goes on: no certificate and no key exchange" },
    handshake: {
      type: "enum",
      values: HANDSHAKES,
      about:
        "How the handshake went: to its end, until a fatal alert, without any answer, or it just stops; null if its start was not captured, and in a text export that does not show it to its end",
    },
    alert: { type: "text", about: "Alert in the clear, `handshake_failure`: the first fatal one, or else the first" },
    alert_from: { type: "enum", values: ["client", "server"], about: "Who sent it" },
    alert_fatal: { type: "boolean", about: "It is fatal" },
    certificate_names: { type: "texts", about: "Common name and subjectAltName entries of the server's certificate, in lower case" },
    certificate_subject: { type: "text", about: "Its subject, `CN=www.contoso.com, O=Contoso`, most particular part first" },
    certificate_issuer: { type: "text", about: "Its issuer" },
    certificate_thumbprint: { type: "text", about: "SHA-1 of it in hexadecimal: Windows' thumbprint" },
    certificate_not_before: { type: "time", about: "Valid from" },
    certificate_not_after: { type: "time", about: "Valid until" },
    certificate_key: { type: "text", about: "Fingerprint of its public key; see `certificates.key_fingerprint`" },
    certificate_count: { type: "integer", about: "Certificates the server sent; null if its message was not seen, as in a text export" },
    client_certificate_requested: {
      type: "boolean",
      about: "The server asked for a certificate in this handshake; null where that is encrypted",
    },
    ca_list_bytes: { type: "integer", unit: "bytes", about: "Length of the list of CA names in its CertificateRequest" },
    ca_list_count: { type: "integer", about: "Names in that list" },
    ca_names: { type: "texts", about: "Those names; null without a list, or where it could not be read to its end" },
    ca_list_at_limit: {
      type: "boolean",
      about: "The list is about 16 KB long, the most Windows sends: names may have been left out; null without a list",
    },
    client_certificate_sent: {
      type: "boolean",
      about: "The client sent a certificate when asked; null where it was not asked, or cannot be seen",
    },
    client_certificate_subject: { type: "text", about: "Its subject" },
    client_random: {
      type: "text",
      distinct: true,
      about: "Random of the client's hello in hexadecimal: what key logs call the session by",
    },
    full_handshake_random: {
      type: "text",
      distinct: true,
      about:
        "The same of the full handshake whose secret the session uses: its own, or for a resumed one that of the earlier session in the same capture; null if that was not captured",
    },
    session_id: { type: "text", distinct: true, about: "Session id the server gave or took up, in hexadecimal; null if none" },
    premaster_id: {
      type: "text",
      distinct: true,
      about: "First 8 bytes of the encrypted premaster secret in hexadecimal, by which a key log may name it",
    },
    decryption: {
      type: "enum",
      values: DECRYPTIONS,
      words: {
        key_log: "a key log in the bundle",
        private_key: "the server's private key in the bundle",
        server_key: "the server's RSA private key",
        ephemeral: "nothing but a key log: its keys are ephemeral",
        resumed: "nothing: the full handshake it resumes was not captured",
        incomplete: "nothing: its handshake failed or did not come to its end",
        other: "another kind of secret",
      },
      about:
        "What decrypts the session: `key_log` or `private_key` in the bundle, the server's RSA key (`server_key`), or why that cannot: `ephemeral` key exchange, `resumed` without its full handshake, `incomplete` handshake, `other` secrets; null where the handshake or its key exchange is not shown",
    },
    client_hello_frame: { type: "frame", about: "Client Hello" },
    server_hello_frame: { type: "frame", about: "Server Hello" },
    certificate_frame: { type: "frame", about: "Where the server's Certificate message ends" },
    certificate_request_frame: { type: "frame", about: "Where the CertificateRequest ends" },
    alert_frame: { type: "frame", about: "The alert" },
  },
});

export const certificates = declareTable({
  name: "certificates",
  shownBy: "certificate file or listing",
  protocol: "tls",
  about: "One X.509 certificate: in a TLS handshake, in a file, or in the output of a command.",
  host: "host",
  columns: {
    host: { type: "host", about: "Machine that has it: the end that sent it, or the machine of the file or listing" },
    seen_in: {
      type: "enum",
      values: ["tls_server", "tls_client", "file", "store"],
      words: {
        tls_server: "a TLS server's handshake",
        tls_client: "a TLS client's handshake",
        file: "a file",
        store: "a listing of a store",
      },
      about: "Where: sent by the server or the client of a TLS handshake, in a file, or listed from a certificate store",
    },
    store: { type: "text", about: "Name of the store a listing is of: `My`, `Root`, `CA`; null if not shown" },
    position: { type: "integer", about: "Place in the chain a TLS end or a file presents, 0 for the first, which is the end's own" },
    server_ip: { type: "ip", about: "Server of the TLS session it was seen in" },
    server_port: { type: "port", about: "Its port" },
    subject: { type: "text", about: "Subject, `CN=www.contoso.com, O=Contoso`, most particular part first" },
    issuer: { type: "text", about: "Issuer, written the same way" },
    names: {
      type: "texts",
      about: "Common name and subjectAltName entries, in lower case; of a listing that shows no more, the common name",
    },
    serial: { type: "text", about: "Serial number in hexadecimal" },
    thumbprint: { type: "text", about: "SHA-1 of the certificate in hexadecimal: Windows' thumbprint" },
    not_before: { type: "time", about: "Valid from" },
    not_after: { type: "time", about: "Valid until" },
    key_algorithm: { type: "text", about: "`RSA`, `EC`, `DSA`, or an object identifier" },
    key_bits: { type: "integer", about: "Bits of an RSA modulus" },
    key_fingerprint: { type: "text", about: "SHA-256 of an RSA modulus, or of any other whole public key, in hexadecimal" },
    self_signed: { type: "boolean", about: "Subject and issuer are the same name" },
    is_ca: { type: "boolean", about: "It may issue certificates; null if not shown" },
    client_authentication: {
      type: "boolean",
      about: "Its extended key usages allow a client to authenticate itself, or there are none and any use is allowed; null if not shown",
    },
    server_authentication: { type: "boolean", about: "They allow a server to; null if not shown" },
    has_private_key: { type: "boolean", about: "Its private key is with it; null if not shown" },
  },
});

export const keyLogEntries = declareTable({
  name: "key_log_entries",
  shownBy: "TLS key log",
  protocol: "tls",
  about: "One line of a TLS key log (SSLKEYLOGFILE) or of the secrets a capture carries. The secret itself is never kept.",
  columns: {
    label: { type: "text", about: "Kind of secret: `CLIENT_RANDOM`, `CLIENT_TRAFFIC_SECRET_0`, `RSA` …" },
    client_random: {
      type: "text",
      about: "Random of the client's hello in hexadecimal; null for lines that name a session by something else",
    },
    session_id: { type: "text", about: "Session id an `RSA Session-ID:` line names" },
    premaster_id: { type: "text", about: "First 8 bytes of the encrypted premaster secret an `RSA` line names" },
  },
});

export const privateKeys = declareTable({
  name: "private_keys",
  shownBy: "private key file",
  protocol: "tls",
  about: "One private key found in a file. Nothing of the key is kept but what its certificate shows as well.",
  columns: {
    container: {
      type: "enum",
      values: ["pkcs1", "pkcs8", "sec1", "pkcs12"],
      about: "Form: RSA PRIVATE KEY, PRIVATE KEY, EC PRIVATE KEY, or a PFX file",
    },
    algorithm: { type: "text", about: "`RSA`, `EC` …; null where it is encrypted" },
    bits: { type: "integer", about: "Bits of an RSA modulus" },
    encrypted: { type: "boolean", about: "Protected by a password" },
    key_fingerprint: { type: "text", about: "Fingerprint of its public key, as in `certificates`; null where it cannot be read" },
  },
});

export const clientCertificateChecks = declareTable({
  name: "client_certificate_checks",
  shownBy: "capture of a certificate request together with the client's certificates",
  protocol: "tls",
  about: "The CA names of a TLS server's CertificateRequest held against one client certificate of the bundle.",
  host: "server_ip",
  time: "time",
  columns: {
    client_ip: { type: "ip", about: "Client of the session" },
    server_ip: { type: "ip", about: "Server that asked" },
    server_port: { type: "port", about: "Its port" },
    time: { type: "time", about: "When the handshake began" },
    ca_list_bytes: { type: "integer", unit: "bytes", about: "Length of its list of CA names" },
    ca_list_count: { type: "integer", about: "Names in it" },
    ca_list_at_limit: { type: "boolean", about: "The list is about 16 KB long, the most Windows sends" },
    subject: { type: "text", about: "Subject of the client certificate" },
    issuer: { type: "text", about: "Its issuer" },
    thumbprint: { type: "text", about: "Its thumbprint" },
    issuer_listed: {
      type: "boolean",
      about:
        "The list names the issuer, or a certification authority above it as far as the bundle holds the chain; an empty list admits any",
    },
    server_trusts: {
      type: "enum",
      values: ["yes", "no", "not_shown"],
      about: "Whether a listing of the server's Root store has an authority of that chain; `not_shown` without such a listing",
    },
    other_listed: {
      type: "boolean",
      about: "The list names the issuer of another client certificate of the bundle: the client has one to offer",
    },
    request_at: { type: "citations", about: "Where the CertificateRequest ends" },
    certificate_at: { type: "citations", about: "Where the certificate stands" },
  },
});
