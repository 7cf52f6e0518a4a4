// Command infra synthesises one stack for each environment in config/.
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
		newServiceStack(app, environment, "../dist")
	}
	app.Synth(nil)
}
