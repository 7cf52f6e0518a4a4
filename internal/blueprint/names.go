package blueprint

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/serverless-scaffold/scaffold/internal/fault"
)

// word matches the form of all names.
var word = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

const (
	wordLike = "lower-case words joined by hyphens, such as import-orders"

	// maxPartName is how long the name of a function or a resource is at most.
	maxPartName = 32
	// maxQueueName is how long SQS lets the name of a queue be. It is the tightest limit for names that are made of
	// others.
	maxQueueName = 80
	// longestStage is the longest name of an environment in infra/config.
	longestStage = "staging"
	// deadLetters ends the name of the dead-letter queue of a function or a queue, undelivered that of a bus.
	deadLetters = "-dead-letters"
	undelivered = "-undelivered-events"

	// maxServiceName leaves room for a function with a name of any length: NAME-staging-FUNCTION-dead-letters.
	maxServiceName = maxQueueName - len("-"+longestStage+"-"+deadLetters) - maxPartName
)

// reservedNames is the names that a service cannot have, each with the reason.
//
//nolint:gochecknoglobals // immutable table
var reservedNames = map[string]string{
	"vendor": "Go takes the import path vendor/infra for a vendored package",
	"con":    deviceName, "prn": deviceName, "aux": deviceName, "nul": deviceName,
}

const deviceName = "Windows takes it for a device, in any folder"

var serialDevice = regexp.MustCompile(`^(com|lpt)[0-9]$`)

// nameProblem returns why a service cannot have a name of the right form, and how to put it right.
func nameProblem(name string) (message, hint string) {
	reason := reservedNames[name]
	if serialDevice.MatchString(name) {
		reason = deviceName
	}
	switch {
	case reason != "":
		return fmt.Sprintf("name cannot be %q: %s", name, reason), "choose another name, such as " + name + "-service"
	case len(name) > maxServiceName:
		message = fmt.Sprintf("name cannot be %q: it has %d characters, and %d is the most", name, len(name), maxServiceName)
		return message, fmt.Sprintf("SQS allows %d characters for NAME-%s-FUNCTION%s, and a function's name may have %d",
			maxQueueName, longestStage, deadLetters, maxPartName)
	default:
		return "", ""
	}
}

// queueNames reports names of queues that SQS would refuse: they are made of the service's name and that of a part.
func (c *partsCheck) queueNames(place fault.Place, kind, name, ending string) {
	prefix := c.blueprint.Name + "-" + longestStage
	if c.blueprint.Level == "hyperscale" {
		longest := ""
		for _, region := range c.blueprint.Regions[min(1, len(c.blueprint.Regions)):] {
			if len(region) > len(longest) {
				longest = region
			}
		}
		prefix += "-" + longest
	}
	queue := prefix + "-" + name + ending
	if over := len(queue) - maxQueueName; over > 0 && len(c.blueprint.Name) <= maxServiceName {
		c.problem(place,
			fmt.Sprintf("%s %s is too long a name: the queue %s would have %d characters", kind, name, queue, len(queue)),
			fmt.Sprintf("SQS allows %d: make the name %d shorter", maxQueueName, over))
	}
}

// issuerProblem returns what is wrong with the URL of an issuer, beyond its form.
func issuerProblem(value string) (message, hint string) {
	if issuer, isDocument := strings.CutSuffix(strings.TrimSuffix(value, "/"), "/.well-known/openid-configuration"); isDocument {
		return "auth.issuer is the address of the issuer's configuration, and not the issuer",
			fmt.Sprintf("did you mean %q? It is the value of \"issuer\" in that document", issuer)
	}
	if strings.ContainsAny(value, "?#") {
		return fmt.Sprintf("auth.issuer cannot be %q", value), "an issuer has neither a query nor a fragment"
	}
	return visibleProblem("auth.issuer", value)
}

func audienceProblem(value string) (message, hint string) {
	return visibleProblem("auth.audience", value)
}

// visibleProblem refuses characters that nobody sees: a value is compared, printed and reviewed.
func visibleProblem(key, value string) (message, hint string) {
	if !utf8.ValidString(value) {
		return fmt.Sprintf("%s cannot be %+q: it is not text in UTF-8", key, value), "type it again"
	}
	for _, char := range value {
		if !unicode.IsGraphic(char) || unicode.IsSpace(char) {
			message = fmt.Sprintf("%s cannot be %+q: it has the character U+%04X, which cannot be seen", key, value, char)
			return message, "type it again"
		}
	}
	return "", ""
}
