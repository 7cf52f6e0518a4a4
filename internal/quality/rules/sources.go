package rules

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var legacy = regexp.MustCompile(`from 'aws-sdk'|require\(['"]aws-sdk['"]\)|\.promise\(\)|addEventListener\(['"]fetch['"]|runtime\s*=\s*['"]edge['"]|` +
	`(handler|exports\.\w+)\s*=\s*(async\s*)?(function\s*)?\([^)]*,[^)]*,\s*(callback|cb)\b`)

func endedAPIs(p *Project) Outcome {
	return p.grep(legacy, func(match string) string { return strings.TrimSpace(match) + " belongs to an interface that has ended" })
}

var clientInHandler = regexp.MustCompile(`^\s+.*\bnew ((DynamoDB|S3|SQS|SNS|EventBridge|SecretsManager|SSM|Lambda|SFN|KMS)(Client)?|DynamoDBDocumentClient)\(`)

func clientsOutsideHandlers(p *Project) Outcome {
	return p.grep(clientInHandler, func(string) string { return "this client is made anew for every call, with a connection of its own" })
}

var console = regexp.MustCompile(`\bconsole\.(log|error|warn|info|debug)\(|\bputMetricData\b`)

func noConsole(p *Project) Outcome {
	return p.grep(console, func(match string) string { return match + "… is not in the service's log format" })
}

var secret = regexp.MustCompile(`AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|\bsk_live_[0-9a-zA-Z]{16,}|\bghp_[0-9A-Za-z]{36}|\bxox[bp]-[0-9A-Za-z-]{20,}|` +
	`(?i)\b(password|secret|api_?key|token)\b['"]?\s*[:=]\s*['"][A-Za-z0-9+/_-]{20,}['"]`)

func noSecrets(p *Project) Outcome {
	outcome := p.grep(secret, func(string) string { return "this looks like a secret" })
	for _, template := range p.Templates {
		for _, function := range template.OfType("AWS::Lambda::Function") {
			variables, _ := function.At("Environment", "Variables").(map[string]any)
			for name, value := range variables {
				text, isText := value.(string)
				if isText && secret.MatchString(name+`="`+text+`"`) {
					outcome.Failures = append(outcome.Failures, Failure{Resource: function, File: template.File, Message: name + " looks like a secret"})
				}
			}
		}
	}
	return outcome
}

// perFile fails the sources that have one pattern and lack another.
func (p *Project) perFile(what, has, lacks *regexp.Regexp, subject, message string) Outcome {
	outcome := Outcome{}
	sources := p.sources()
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		text := sources[name]
		if !what.Match(text) {
			continue
		}
		outcome.Checked++
		if has.Match(text) && !lacks.Match(text) {
			line := 1 + strings.Count(string(text[:has.FindIndex(text)[0]]), "\n")
			outcome.Failures = append(outcome.Failures, at(name, line, message))
		}
	}
	if outcome.Checked == 0 {
		outcome.Skip = "no source " + subject
	}
	return outcome
}

var (
	hmac        = regexp.MustCompile(`createHmac\(|hmac\.new\(|subtle\.sign\(`)
	signature   = regexp.MustCompile(`(?i)signature`)
	constant    = regexp.MustCompile(`timingSafeEqual|compare_digest|subtle\.verify`)
	batchWrite  = regexp.MustCompile(`PutEvents|putEvents|put_events|SendMessageBatch|sendMessageBatch|BatchWriteItem|batchWrite|batch_write`)
	readFailure = regexp.MustCompile(`FailedEntryCount|ErrorCode|UnprocessedItems|\.Failed\b|\['Failed'\]`)
)

func signaturesCompared(p *Project) Outcome {
	return p.perFile(signature, hmac, constant, "speaks of a signature", "a signature that is compared character by character tells how much of it was right")
}

func partialFailuresRead(p *Project) Outcome {
	return p.perFile(batchWrite, batchWrite, readFailure, "writes in batches", "what of the batch was refused is not looked at")
}

var batchAnswer = regexp.MustCompile(`batchItemFailures|processPartialResponse|process_partial_response`)

func batchAnswered(p *Project) Outcome {
	hasBatches := false
	for _, template := range p.Templates {
		hasBatches = hasBatches || len(template.OfType("AWS::Lambda::EventSourceMapping")) > 0
	}
	sources := p.sources()
	switch {
	case !hasBatches:
		return Outcome{Skip: "no function reads a queue or a stream"}
	case len(sources) == 0:
		return Outcome{Skip: "the project has no TypeScript, JavaScript or Python"}
	}
	for _, text := range sources {
		if batchAnswer.Match(text) {
			return Outcome{Checked: 1}
		}
	}
	return Outcome{Checked: 1, Failures: []Failure{{Message: "no source answers with batchItemFailures, although a mapping expects it"}}}
}

var echo = regexp.MustCompile(`JSON\.stringify\([^)]*\b(err|error|e)\.(message|stack)|body:\s*(err|error|e)\.(message|stack)`)

func errorsStayInside(p *Project) Outcome {
	return p.grep(echo, func(string) string { return "a caller is shown what happened inside" })
}

// limit is a limit of the linter: its name in the configuration, and what the level allows.
type limit struct {
	name string
	most int
}

func codeLimits(p *Project) Outcome {
	configs := p.glob("eslint.config.js", "eslint.config.mjs", "eslint.config.ts", ".eslintrc.json", ".eslintrc.js", ".eslintrc.cjs")
	if len(configs) == 0 {
		return Outcome{Skip: "the project is not linted with ESLint"}
	}
	code := p.Policy.Code
	outcome := Outcome{}
	for _, l := range []limit{{"complexity", code.Complexity}, {"max-depth", code.Depth}, {"max-lines", code.FileLines}, {"max-lines-per-function", code.FunctionLines}, {"max-params", code.Parameters}} {
		outcome.Checked++
		if message := l.problem(string(p.read(configs[0])), code.Enforced); message != "" {
			outcome.Failures = append(outcome.Failures, at(configs[0], 1, message))
		}
	}
	return outcome
}

func (l limit) problem(config string, isEnforced bool) string {
	pattern := regexp.MustCompile(`(?m)(?:^|[\s{,'"])` + l.name + `['"]?\s*:\s*\[\s*['"](\w+)['"]\s*,\s*(?:\{[^}]*max['"]?\s*:\s*)?(\d+)`)
	match := pattern.FindStringSubmatch(config)
	if match == nil {
		return fmt.Sprintf("nothing limits %s; the level allows %d", l.name, l.most)
	}
	allowed, _ := strconv.Atoi(match[2])
	switch {
	case allowed > l.most:
		return fmt.Sprintf("%s is %d, and the level allows %d", l.name, allowed, l.most)
	case isEnforced && match[1] != "error":
		return fmt.Sprintf("%s is a %s, and has to be an error", l.name, match[1])
	default:
		return ""
	}
}

func linted(p *Project) Outcome {
	switch {
	case p.Lint == nil:
		return Outcome{Skip: "the linters were not asked; scaffold check --run does"}
	case *p.Lint != "":
		return Outcome{Checked: 1, Failures: []Failure{{Message: *p.Lint}}}
	default:
		return Outcome{Checked: 1}
	}
}
