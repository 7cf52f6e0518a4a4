package conformance

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const keyID = "conformance"

// Issuer is a token issuer with one RSA key.
type Issuer struct {
	URL, Audience string
	key           *rsa.PrivateKey
}

// NewIssuer makes an issuer with a fresh key.
func NewIssuer(url, audience string) (*Issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	return &Issuer{URL: url, Audience: audience, key: key}, err
}

// Keys is the public keys by their ids.
func (i *Issuer) Keys() map[string]*rsa.PublicKey {
	return map[string]*rsa.PublicKey{keyID: &i.key.PublicKey}
}

// claims are those of a valid token for the subject, with changes.
func (i *Issuer) claims(subject string, changes jwt.MapClaims) jwt.MapClaims {
	now := time.Now()
	claims := jwt.MapClaims{
		"iss": i.URL, "aud": i.Audience, "sub": subject, "scope": "orders:write orders:read",
		"iat": now.Add(-time.Minute).Unix(), "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	for name, value := range changes {
		if value == nil {
			delete(claims, name)
		} else {
			claims[name] = value
		}
	}
	return claims
}

// Token is a valid token of the subject, for an hour.
func (i *Issuer) Token(t testing.TB, subject string) string { return i.token(t, subject, nil) }

func (i *Issuer) token(t testing.TB, subject string, changes jwt.MapClaims) string {
	t.Helper()
	return sign(t, jwt.SigningMethodRS256, i.claims(subject, changes), keyID, i.key)
}

func sign(t testing.TB, method jwt.SigningMethod, claims jwt.MapClaims, kid string, key any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = kid
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

// badTokens is tokens that must all be refused, by what is wrong with them.
func (i *Issuer) badTokens(t testing.TB) map[string]string {
	t.Helper()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&i.key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	valid := i.claims("alice", nil)
	hour := func(h time.Duration) int64 { return time.Now().Add(h * time.Hour).Unix() }
	return map[string]string{
		"garbage":          "abc.def.ghi",
		"empty":            "",
		"expired":          i.token(t, "alice", jwt.MapClaims{"exp": hour(-1)}),
		"without expiry":   i.token(t, "alice", jwt.MapClaims{"exp": nil}),
		"not yet valid":    i.token(t, "alice", jwt.MapClaims{"nbf": hour(1)}),
		"wrong issuer":     i.token(t, "alice", jwt.MapClaims{"iss": "https://evil.example.com/"}),
		"wrong audience":   i.token(t, "alice", jwt.MapClaims{"aud": "someone-else"}),
		"alg none":         sign(t, jwt.SigningMethodNone, valid, keyID, jwt.UnsafeAllowNoneSignatureType),
		"key confusion":    sign(t, jwt.SigningMethodHS256, valid, keyID, public),
		"unknown key id":   sign(t, jwt.SigningMethodRS256, valid, "unknown", other),
		"somebody's key":   sign(t, jwt.SigningMethodRS256, valid, keyID, other),
		"broken signature": i.token(t, "alice", nil) + "x",
	}
}
