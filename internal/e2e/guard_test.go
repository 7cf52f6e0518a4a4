//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/serverless-scaffold/scaffold/internal/proc"
	"github.com/serverless-scaffold/scaffold/internal/testtools"
)

// guardWaivers is what the rules of AWS Control Tower ask for and our templates do not do. They are not part of a generated
// project's own pipeline, so the reasons stand here.
var guardWaivers = map[string]string{
	"api_gw_v2_authorization_type_configured_check":   "health checks and webhooks have no token; every other route has the authorizer, which infra/api_test.go holds",
	"cloudfront_default_root_object_configured_check": "an API has no index page",
	"cloudfront_origin_failover_enabled_check":        "the origin is a name with health-checked records; an origin group would fail over for GET alone",
	"cloudwatch_log_group_encrypted_check":            "below enterprise the keys are AWS's; in a second region the key is imported from its own stack, which the rule cannot follow",
	"cloudwatch_log_group_retention_period_check":     "the level says how long: a year where auditors read them, less where they only cost",
	"kms_create_grant_aws_service_check":              "the statement is AWS's default for the account, which IAM bounds; without it a key can become unmanageable",
	"lambda_function_public_access_prohibited_check":  "every permission has a SourceArn; the rule cannot read one that is joined",
	"lambda_inside_vpc_check":                         "nothing that a function talks to is in a VPC",
	"s3_bucket_default_encryption_kms_check":          "CloudFront cannot write access logs with a key of ours",
	"s3_bucket_logging_enabled_check":                 "the bucket is where access logs go",
	"s3_bucket_object_lock_enabled_check":             "access logs expire; nobody must be kept from deleting them",
	"s3_event_notifications_enabled_check":            "nobody acts on an access log's arrival",
	"sqs_dlq_check":                                   "a dead-letter queue has no dead-letter queue",
	"sqs_queue_encrypted_check":                       "in a second region the key is imported from its own stack, which the rule cannot follow",
}

// guard asks cfn-guard, with the rules that AWS publishes for Control Tower, and answers how many findings were not waived
// and how many were.
func guard(t *testing.T, template string) (open, waived int) {
	t.Helper()
	home := testtools.Path(t, "node", "node_modules", "@cdklabs", "cdk-validator-cfnguard")
	program := filepath.Join(home, "bin", "ubuntu", "x86_64", "cfn-guard")
	if err := os.Chmod(program, 0o755); err != nil {
		t.Fatal(err)
	}
	var out, problems bytes.Buffer
	err := proc.Run(t.Context(), proc.Command{
		Argv: []string{program, "validate", "-d", template, "-r", filepath.Join(home, "rules", "control-tower", "cfn-guard"), "--structured", "-o", "json", "-S", "none"},
		Dir:  t.TempDir(), Env: []string{"HOME=" + t.TempDir()}, Stdout: &out, Stderr: &problems, Tied: true,
	})
	if status, ok := proc.ExitStatus(err); err != nil && (!ok || status != 19) { // 19 is what it says of findings.
		t.Fatalf("cfn-guard: %v\n%s", err, problems.String())
	}
	var reports []struct {
		Findings []struct {
			Rule struct{ Name string }
		} `json:"not_compliant"`
	}
	if err := json.Unmarshal(out.Bytes(), &reports); err != nil {
		t.Fatalf("cfn-guard: %v\n%s", err, out.String())
	}
	for _, report := range reports {
		for _, finding := range report.Findings {
			if guardWaivers[finding.Rule.Name] != "" {
				waived++
				continue
			}
			open++
			t.Errorf("cfn-guard: %s in %s", finding.Rule.Name, filepath.Base(template))
		}
	}
	return open, waived
}
