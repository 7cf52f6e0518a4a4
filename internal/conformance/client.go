package conformance

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	goodBody = `{"items":[{"id":"prod-1","quantity":2}]}`
	// patience is how long a test waits for what happens by itself. Retries back off for up to half a minute. It is
	// long because it counts only when a test fails.
	patience = 5 * time.Minute
)

// suite is one run over a target.
type suite struct {
	Target
}

type response struct {
	status int
	header http.Header
	body   []byte
}

// send makes a request; header is pairs of names and values.
func (s *suite) send(t testing.TB, method, path, body string, header ...string) response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for pair := range slices.Chunk(header, 2) {
		request.Header.Set(pair[0], pair[1])
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{status: answer.StatusCode, header: answer.Header, body: content}
}

func (s *suite) post(t testing.TB, subject, body string, header ...string) response {
	t.Helper()
	header = append([]string{"Authorization", "Bearer " + s.Issuer().token(t, subject, nil), "Content-Type", "application/json"}, header...)
	return s.send(t, http.MethodPost, "/orders", body, header...)
}

// create posts an order of alice's that has to be accepted.
func (s *suite) create(t testing.TB) order {
	t.Helper()
	r := s.post(t, "alice", goodBody)
	if r.status != http.StatusCreated {
		t.Fatalf("POST /orders answered %d %s", r.status, r.body)
	}
	return decode[order](t, r.body)
}

func (s *suite) get(t testing.TB, subject, id string) response {
	t.Helper()
	return s.send(t, http.MethodGet, "/orders/"+id, "", "Authorization", "Bearer "+s.Issuer().token(t, subject, nil))
}

// await polls the order until it is completed.
func (s *suite) await(t testing.TB, subject, id string) order {
	t.Helper()
	var last order
	eventually(t, "order "+id+" is completed", func() bool {
		r := s.get(t, subject, id)
		if r.status != http.StatusOK {
			return false
		}
		last = decode[order](t, r.body)
		return last.Status == "completed"
	})
	return last
}

func decode[T any](t testing.TB, body []byte) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return value
}

// expect checks a refusal. Where the platform answers the status by itself, its words are its own.
func (s *suite) expect(t testing.TB, r response, status int, code string) {
	t.Helper()
	if r.status != status {
		t.Errorf("the status is %d, want %d: %s", r.status, status, r.body)
		return
	}
	if slices.Contains(s.GatewayAnswers(), status) {
		return
	}
	if kind := r.header.Get("Content-Type"); kind != "application/problem+json" {
		t.Errorf("the content type is %s", kind)
	}
	p := decode[problem](t, r.body)
	if p.Status != status || p.Error != code || p.Type == "" || p.Title == "" || p.Detail == "" || p.RequestID == "" {
		t.Errorf("the problem is %+v, want status %d and error %s", p, status, code)
	}
	if code == "validation_failed" && (len(p.Errors) == 0 || p.Errors[0].Message == "") {
		t.Errorf("the problem names no field: %s", r.body)
	}
}

// eventually polls until the condition holds.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	limit := patienceOf(t)
	deadline := time.Now().Add(limit)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("%s: did not happen within %s", what, limit)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// patienceOf returns how long the test can wait and still say what it waited for before the whole run is out of time.
func patienceOf(t testing.TB) time.Duration {
	if run, ok := t.(interface{ Deadline() (time.Time, bool) }); ok {
		if deadline, ok := run.Deadline(); ok {
			return min(patience, time.Until(deadline)*9/10)
		}
	}
	return patience
}
