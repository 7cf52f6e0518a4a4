package conformance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Run runs the whole suite, group by group as the contract numbers them.
func Run(t *testing.T, target Target) {
	s := &suite{target}
	for _, group := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"01 order flow", s.testFlow},
		{"02 idempotency", s.testIdempotency},
		{"03 failures", s.testFailures},
		{"04 tokens", s.testTokens},
		{"05 owner", s.testOwner},
		{"06 poison message", s.testPoison},
		{"07 crash", s.testCrash},
		{"08 webhooks", s.testWebhooks},
		{"09 scheduled job", s.testSchedule},
		{"10 routes", s.testRoutes},
		{"11 logs", s.testLogs},
	} {
		t.Run(group.name, group.run)
	}
}

// identifier is a UUIDv7 or a ULID.
var identifier = regexp.MustCompile(`^([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|[0-9A-HJKMNP-TV-Z]{26})$`)

func (s *suite) testFlow(t *testing.T) {
	release := s.Hold()
	r := s.post(t, "alice", goodBody)
	if r.status != http.StatusCreated {
		t.Fatalf("POST answered %d %s", r.status, r.body)
	}
	created := decode[order](t, r.body)
	if !identifier.MatchString(created.ID) || created.Status != "processing" || created.CreatedAt.IsZero() || created.CreatedAt.Location() != time.UTC {
		t.Errorf("the order is %+v", created)
	}
	if !slices.Equal(created.Items, []item{{"prod-1", 2}}) {
		t.Errorf("the items are %v", created.Items)
	}
	if got := r.header.Get("Location"); got != "/orders/"+created.ID {
		t.Errorf("the location is %q", got)
	}
	members := decode[map[string]any](t, r.body)
	for _, name := range []string{"id", "status", "items", "createdAt", "updatedAt"} {
		delete(members, name)
	}
	if len(members) > 0 {
		t.Errorf("the order shows more than the contract: %v", members)
	}
	if got := s.get(t, "alice", created.ID); !bytes.Equal(got.body, r.body) {
		t.Errorf("GET answers %s, POST answered %s", got.body, r.body)
	}
	release()
	completed := s.await(t, "alice", created.ID)
	if completed.UpdatedAt.Before(created.UpdatedAt) || !completed.CreatedAt.Equal(created.CreatedAt) {
		t.Errorf("the order was %+v and is %+v", created, completed)
	}
	s.checkEvents(t, created.ID, "order.created", "order.completed")
}

// checkEvents waits for the order's events, and wants exactly these, each once and each a CloudEvent.
func (s *suite) checkEvents(t *testing.T, id string, want ...string) {
	t.Helper()
	var found []CloudEvent
	eventually(t, "the events of order "+id, func() bool {
		all, err := s.Events(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		found = slices.DeleteFunc(all, func(e CloudEvent) bool { return e.Subject != id })
		return len(found) >= len(want)
	})
	var types []string
	for _, e := range found {
		types = append(types, e.Type)
		if e.SpecVersion != "1.0" || e.ID == "" || e.Source == "" || e.Time.IsZero() || e.DataContentType != "application/json" {
			t.Errorf("this is no CloudEvent: %+v", e)
		}
		if data := decode[order](t, e.Data); data.ID != id {
			t.Errorf("event %s carries order %s", e.ID, data.ID)
		}
	}
	if !slices.Equal(types, want) {
		t.Errorf("the events are %v, want %v", types, want)
	}
}

func (s *suite) testIdempotency(t *testing.T) {
	unique := func(name string) string { return fmt.Sprintf("key-%s-%d", name, time.Now().UnixNano()) }
	for _, header := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		t.Run("replay by "+header, func(t *testing.T) {
			key := unique("replay")
			first, second := s.post(t, "alice", goodBody, header, key), s.post(t, "alice", goodBody, header, key)
			if first.status != http.StatusCreated || second.status != http.StatusCreated || !bytes.Equal(first.body, second.body) {
				t.Errorf("first %d %s, second %d %s", first.status, first.body, second.status, second.body)
			}
			if first.header.Get("Idempotency-Replayed") != "" || second.header.Get("Idempotency-Replayed") != "true" {
				t.Error("the replay is not marked, or the first answer is")
			}
			if first.header.Get("Location") != second.header.Get("Location") {
				t.Error("the replay has another location")
			}
		})
	}
	t.Run("another body", func(t *testing.T) {
		key := unique("conflict")
		s.post(t, "alice", goodBody, "Idempotency-Key", key)
		s.expect(t, s.post(t, "alice", `{"items":[{"id":"other","quantity":1}]}`, "Idempotency-Key", key), 422, "idempotency_conflict")
	})
	t.Run("another caller", func(t *testing.T) {
		key := unique("caller")
		a, b := s.post(t, "alice", goodBody, "Idempotency-Key", key), s.post(t, "bob", goodBody, "Idempotency-Key", key)
		if b.status != http.StatusCreated || bytes.Equal(a.body, b.body) {
			t.Errorf("two callers share a key: %s, %s", a.body, b.body)
		}
	})
	t.Run("without a key", func(t *testing.T) {
		first, second := s.create(t), s.create(t)
		if first.ID == second.ID {
			t.Error("two requests made one order")
		}
	})
	t.Run("a bad key", func(t *testing.T) {
		s.expect(t, s.post(t, "alice", goodBody, "Idempotency-Key", "short"), 422, "validation_failed")
	})
	t.Run("fifty at once", func(t *testing.T) { s.testConcurrentDuplicates(t, unique("concurrent")) })
}

func (s *suite) testConcurrentDuplicates(t *testing.T, key string) {
	caller := "concurrent-" + key
	var mu sync.Mutex
	fresh, ids := 0, map[string]bool{}
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			r := s.post(t, caller, goodBody, "Idempotency-Key", key)
			mu.Lock()
			defer mu.Unlock()
			switch r.status {
			case http.StatusConflict:
			case http.StatusCreated:
				ids[decode[order](t, r.body).ID] = true
				if r.header.Get("Idempotency-Replayed") == "" {
					fresh++
				}
			default:
				t.Errorf("a duplicate answered %d %s", r.status, r.body)
			}
		})
	}
	group.Wait()
	if fresh != 1 || len(ids) != 1 {
		t.Errorf("fifty duplicates made %d orders and were answered with %d", fresh, len(ids))
	}
	for id := range ids {
		s.await(t, caller, id)
		s.checkEvents(t, id, "order.created", "order.completed")
	}
}

func (s *suite) testFailures(t *testing.T) {
	large := `{"items":[{"id":"` + strings.Repeat("a", 256<<10) + `","quantity":1}]}`
	for name, row := range map[string]struct {
		body   string
		status int
		code   string
		header []string
	}{
		"bad JSON":           {`{"items":`, 400, "invalid_json", nil},
		"no body":            {``, 400, "invalid_json", nil},
		"no items":           {`{}`, 422, "validation_failed", nil},
		"empty items":        {`{"items":[]}`, 422, "validation_failed", nil},
		"unknown property":   {`{"items":[{"id":"a","quantity":1}],"x":1}`, 422, "validation_failed", nil},
		"unknown item part":  {`{"items":[{"id":"a","quantity":1,"x":1}]}`, 422, "validation_failed", nil},
		"bad id":             {`{"items":[{"id":"a b","quantity":1}]}`, 422, "validation_failed", nil},
		"quantity 0":         {`{"items":[{"id":"a","quantity":0}]}`, 422, "validation_failed", nil},
		"quantity 1001":      {`{"items":[{"id":"a","quantity":1001}]}`, 422, "validation_failed", nil},
		"quantity as text":   {`{"items":[{"id":"a","quantity":"1"}]}`, 422, "validation_failed", nil},
		"101 items":          {`{"items":[` + strings.Repeat(`{"id":"a","quantity":1},`, 100) + `{"id":"a","quantity":1}]}`, 422, "validation_failed", nil},
		"too large":          {large, 413, "payload_too_large", nil},
		"other content type": {goodBody, 415, "unsupported_media_type", []string{"Content-Type", "text/plain"}},
	} {
		t.Run(name, func(t *testing.T) { s.expect(t, s.post(t, "alice", row.body, row.header...), row.status, row.code) })
	}
	t.Run("no token", func(t *testing.T) {
		r := s.send(t, http.MethodPost, "/orders", goodBody, "Content-Type", "application/json")
		s.expect(t, r, 401, "unauthorized")
		if !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("the challenge is %q", r.header.Get("WWW-Authenticate"))
		}
	})
	t.Run("unknown order", func(t *testing.T) {
		s.expect(t, s.get(t, "alice", "0190a000-0000-7000-8000-000000000000"), 404, "not_found")
	})
	t.Run("too many requests", s.testThrottling)
	t.Run("health", func(t *testing.T) {
		eventually(t, "the throttle lets requests through again", func() bool {
			r := s.send(t, http.MethodGet, "/health", "")
			return r.status == http.StatusOK && decode[map[string]string](t, r.body)["status"] == "ok"
		})
	})
}

// testThrottling asks until the service has had enough, four hundred times at most.
func (s *suite) testThrottling(t *testing.T) {
	var mu sync.Mutex
	counts := map[int]int{}
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			for range 20 {
				r := s.send(t, http.MethodGet, "/health", "")
				mu.Lock()
				counts[r.status]++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if counts[http.StatusTooManyRequests] == 0 || counts[http.StatusOK]+counts[http.StatusTooManyRequests] != 400 {
		t.Errorf("the statuses are %v", counts)
	}
}

func (s *suite) testTokens(t *testing.T) {
	for name, token := range s.Issuer().badTokens(t) {
		t.Run(name, func(t *testing.T) {
			for _, request := range [][3]string{{http.MethodPost, "/orders", goodBody}, {http.MethodGet, "/orders/1", ""}} {
				r := s.send(t, request[0], request[1], request[2], "Authorization", "Bearer "+token, "Content-Type", "application/json")
				s.expect(t, r, 401, "unauthorized")
			}
		})
	}
	t.Run("wrong scope", func(t *testing.T) {
		token := s.Issuer().token(t, "alice", jwt.MapClaims{"scope": "orders:read"})
		r := s.send(t, http.MethodPost, "/orders", goodBody, "Authorization", "Bearer "+token, "Content-Type", "application/json")
		s.expect(t, r, 403, "forbidden")
		token = s.Issuer().token(t, "alice", jwt.MapClaims{"scope": "orders:write"})
		s.expect(t, s.send(t, http.MethodGet, "/orders/1", "", "Authorization", "Bearer "+token), 403, "forbidden")
	})
}

func (s *suite) testOwner(t *testing.T) {
	id := s.create(t).ID
	if r := s.get(t, "alice", id); r.status != http.StatusOK {
		t.Errorf("the owner is answered %d", r.status)
	}
	s.expect(t, s.get(t, "mallory", id), 404, "not_found")
}

func (s *suite) testPoison(t *testing.T) {
	release := s.Hold()
	poison := s.create(t).ID
	mend := s.Break(poison)
	others := []string{s.create(t).ID, s.create(t).ID}
	release()
	for _, id := range others {
		s.await(t, "alice", id)
	}
	var letters []DeadLetter
	eventually(t, "the poison message is a dead letter", func() bool {
		all, err := s.DeadLetters(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		letters = slices.DeleteFunc(all, func(l DeadLetter) bool { return !strings.Contains(l.Body, poison) })
		return len(letters) > 0
	})
	event := decode[CloudEvent](t, []byte(letters[0].Body))
	if len(letters) != 1 || event.Subject != poison || event.Type != "order.created" {
		t.Errorf("the dead letters are %+v", letters)
	}
	if letters[0].Cause["ErrorType"] == "" || letters[0].Cause["ErrorMessage"] == "" {
		t.Errorf("the dead letter has no cause: %v", letters[0].Cause)
	}
	if got := decode[order](t, s.get(t, "alice", poison).body).Status; got != "processing" {
		t.Errorf("the order is %s", got)
	}
	mend()
	if err := s.Redrive(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.await(t, "alice", poison)
}

func (s *suite) testCrash(t *testing.T) {
	release := s.Hold()
	id := s.create(t).ID
	crashed := s.CrashWhileProcessing(id)
	release()
	select {
	case <-crashed:
	case <-time.After(patienceOf(t)):
		t.Fatal("the processor did not come to the order")
	}
	s.await(t, "alice", id)
	s.checkEvents(t, id, "order.created", "order.completed")
}

func (s *suite) testSchedule(t *testing.T) {
	release := s.Hold()
	defer release()
	lose := func(id string, by time.Duration) {
		t.Helper()
		s.awaitEvents(t, id)
		if err := s.DropMessages(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Age(t.Context(), id, by); err != nil {
			t.Fatal(err)
		}
		if err := s.RunScheduledJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	young, forgotten, hopeless := s.create(t).ID, s.create(t).ID, s.create(t).ID
	lose(young, 5*time.Minute)
	for range 4 {
		lose(hopeless, 11*time.Minute)
	}
	if got := decode[order](t, s.get(t, "alice", hopeless).body).Status; got != "failed" {
		t.Errorf("after three more tries the order is %s, want failed", got)
	}
	if got := decode[order](t, s.get(t, "alice", young).body).Status; got != "processing" {
		t.Errorf("a young order is %s, want processing", got)
	}
	lose(forgotten, 11*time.Minute)
	release()
	s.await(t, "alice", forgotten)
}

// awaitEvents waits until nothing is on its way to the queue any more.
func (s *suite) awaitEvents(t *testing.T, id string) {
	t.Helper()
	eventually(t, "order.created of "+id, func() bool {
		all, err := s.Events(t.Context())
		return err == nil && slices.ContainsFunc(all, func(e CloudEvent) bool { return e.Subject == id && e.Type == "order.created" })
	})
}

func (s *suite) testRoutes(t *testing.T) {
	for _, path := range []string{"/", "/unknown", "/orders/1/items"} {
		if r := s.send(t, http.MethodGet, path, ""); r.status != http.StatusNotFound {
			t.Errorf("GET %s answered %d", path, r.status)
		}
	}
	for _, row := range [][2]string{{http.MethodDelete, "/orders"}, {http.MethodPut, "/orders/1"}, {http.MethodPost, "/health"}} {
		if r := s.send(t, row[0], row[1], ""); r.status != http.StatusNotFound && r.status != http.StatusMethodNotAllowed {
			t.Errorf("%s %s answered %d", row[0], row[1], r.status)
		}
	}
}

func (s *suite) testLogs(t *testing.T) {
	refused := s.post(t, "alice", `{}`, "Idempotency-Key", "secret-of-the-caller")
	id := decode[problem](t, refused.body).RequestID
	// A line may come a moment after the answer that it is about.
	eventually(t, "a line with the request id "+id+", which the caller was told", func() bool {
		return bytes.Contains(s.Logs(), []byte(`"requestId":"`+id+`"`))
	})
	lines := bufio.NewScanner(bytes.NewReader(s.Logs()))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var entry map[string]any
		if err := json.Unmarshal(lines.Bytes(), &entry); err != nil {
			t.Errorf("this line is not one JSON object: %s", lines.Text())
			continue
		}
		// Metrics go the same way and belong to no single request; nor does what is written while a process starts.
		if _, isMetric := entry["_aws"]; !isMetric && entry["level"] != "DEBUG" && entry["requestId"] == nil {
			t.Errorf("this line has no request id: %s", lines.Text())
		}
		if strings.Contains(lines.Text(), "Bearer ") {
			t.Errorf("this line shows a token: %s", lines.Text())
		}
	}
}
