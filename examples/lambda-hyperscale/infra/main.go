// Command infra synthesises the stacks of each environment in config/.
package main

import (
	"log"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	environments, err := loadEnvironments("config")
	if err != nil {
		log.Fatal(err)
	}
	for _, environment := range environments {
		for _, region := range environment.inEachRegion() {
			newServiceStack(app, region, "../dist")
		}
		if environment.Domain != "" {
			newEdgeStack(app, environment)
		}
	}
	app.Synth(nil)
}
