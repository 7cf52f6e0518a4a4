//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var (
	devURL   = regexp.MustCompile(`Listening on (http://[\d.]+:\d+)`)
	devToken = regexp.MustCompile(`TOKEN='([^']+)'`)
)

// followDevOrder posts an order to the development server and waits until it is completed.
func followDevOrder(t *testing.T, output *lockedBuffer) {
	t.Helper()
	var url, token string
	poll(t, "the development server says where it is", func() bool {
		u, tok := devURL.FindSubmatch(output.Bytes()), devToken.FindSubmatch(output.Bytes())
		if u == nil || tok == nil {
			return false
		}
		url, token = string(u[1]), string(tok[1])
		return true
	})
	placed := request(t, http.MethodPost, url+"/orders", token, `{"items":[{"id":"prod-1","quantity":2}]}`)
	if placed.Status != "processing" {
		t.Errorf("the new order is %s", placed.Status)
	}
	poll(t, "the order is completed", func() bool {
		return request(t, http.MethodGet, url+"/orders/"+placed.ID, token, "").Status == "completed"
	})
}

type devOrder struct{ ID, Status string }

func request(t *testing.T, method, url, token, body string) devOrder {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var order devOrder
	if err := json.NewDecoder(response.Body).Decode(&order); err != nil {
		t.Fatal(err)
	}
	return order
}
