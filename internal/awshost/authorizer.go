package awshost

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// authorizer plays the JWT authorizer of an HTTP API, which knows RSA and no other kind of key:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
type authorizer struct {
	keys   map[string]*rsa.PublicKey
	parser *jwt.Parser
}

func newAuthorizer(r *resource, keys map[string]map[string]*rsa.PublicKey) *authorizer {
	issuer := text(r.Properties, "JwtConfiguration", "Issuer")
	var audience []string
	for _, one := range list(r.Properties, "JwtConfiguration", "Audience") {
		audience = append(audience, one.(string))
	}
	return &authorizer{keys: keys[issuer], parser: jwt.NewParser(
		jwt.WithValidMethods([]string{"RS256", "RS384", "RS512"}), jwt.WithIssuer(issuer), jwt.WithAudience(audience...),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(),
	)}
}

func (a *authorizer) verify(r *http.Request) (claims map[string]any, ok bool) {
	bearer, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !isBearer {
		return nil, false
	}
	verified := jwt.MapClaims{}
	_, err := a.parser.ParseWithClaims(bearer, verified, func(token *jwt.Token) (any, error) {
		id, _ := token.Header["kid"].(string)
		key, known := a.keys[id]
		if !known {
			return nil, errors.New("unknown key")
		}
		return key, nil
	})
	return verified, err == nil
}

func hasScope(claims map[string]any, wanted []string) bool {
	scope, _ := claims["scope"].(string)
	if scope == "" {
		scope, _ = claims["scp"].(string)
	}
	return slices.ContainsFunc(strings.Fields(scope), func(have string) bool { return slices.Contains(wanted, have) })
}

// flatten gives every claim as the text that the gateway writes into the event.
func flatten(claims map[string]any) map[string]string {
	flat := map[string]string{}
	for name, value := range claims {
		switch value := value.(type) {
		case string:
			flat[name] = value
		case []any:
			flat[name] = strings.TrimSpace(fmt.Sprintln(value...))
			flat[name] = "[" + flat[name] + "]"
		default:
			encoded, _ := json.Marshal(value)
			flat[name] = string(encoded)
		}
	}
	return flat
}
