package constructs

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
)

// CDK validates every template that it synthesises, which takes seconds and is not what these tests are about.
func TestMain(m *testing.M) {
	_ = os.Setenv("CDK_VALIDATION", "false")
	jsii.Close() // The runtime copies the environment before main; closed, it will copy it again.
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// fixture is a stack with what every construct needs.
type fixture struct {
	stack    awscdk.Stack
	alarms   *Alarms
	defaults *FunctionDefaults
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	assets := t.TempDir()
	if err := os.MkdirAll(filepath.Join(assets, "work"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(assets, "work", "index.mjs"), []byte("export const handler = async () => ({});\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir())})
	stack := awscdk.NewStack(app, jsii.String("Test"), &awscdk.StackProps{
		Env: &awscdk.Environment{Account: jsii.String("111111111111"), Region: jsii.String("eu-west-1")},
	})
	alarms := NewAlarms(stack, "Alarms", &AlarmsProps{Email: "ops@example.com", Runbooks: "https://runbooks.example.com/*.md"})
	return &fixture{stack: stack, alarms: alarms, defaults: &FunctionDefaults{
		Assets: assets, Alarms: alarms, Memory: 512, LogRetentionDays: 30, DeadLetterRetentionDays: 14, Environment: map[string]string{"A": "1"},
	}}
}

func (f *fixture) function(synchronous bool) *FunctionProps {
	return &FunctionProps{FunctionDefaults: f.defaults, Description: "Works", Folder: "work", Timeout: 30, IsSynchronous: synchronous}
}

func (f *fixture) table() awsdynamodb.TableV2 {
	return NewTable(f.stack, "Table", &TableProps{Alarms: f.alarms, MaxReadUnits: 10, MaxWriteUnits: 20, RecoveryDays: 35, IsProtected: true})
}

// has wants a resource with these properties in the template. CDK's assertions panic.
func (f *fixture) has(t *testing.T, kind string, properties map[string]any) {
	t.Helper()
	defer func() {
		if failure := recover(); failure != nil {
			t.Errorf("%v", failure)
		}
	}()
	assertions.Template_FromStack(f.stack, nil).HasResourceProperties(jsii.String(kind), properties)
}

func (f *fixture) count(t *testing.T, kind string, want int) {
	t.Helper()
	if got := len(*assertions.Template_FromStack(f.stack, nil).FindResources(jsii.String(kind), nil)); got != want {
		t.Errorf("there are %d of %s, want %d", got, kind, want)
	}
}
