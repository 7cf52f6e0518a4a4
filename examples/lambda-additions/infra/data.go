package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	parts "orders/infra/constructs"
)

// staleOrders is the index in which the reconciler finds orders that wait; src/adapters/aws/order-store.ts reads it.
const staleOrders = "stale-orders"

// newTable makes the table. It has a name, so that another region can have a part of it one day.
func newTable(stack awscdk.Stack, alarms *parts.Alarms, environment *Environment) awsdynamodb.ITableV2 {
	return parts.NewTable(stack, "Table", &parts.TableProps{
		Name:          fmt.Sprintf("%s-%s", serviceName, environment.Name),
		Alarms:        alarms,
		RecoveryDays:  recoveryDays,
		IsProtected:   environment.ProtectData,
		MaxReadUnits:  maxTableRequestUnits,
		MaxWriteUnits: maxTableRequestUnits,
		Indexes: []*awsdynamodb.GlobalSecondaryIndexPropsV2{{
			IndexName:           jsii.String(staleOrders),
			PartitionKey:        &awsdynamodb.Attribute{Name: jsii.String("waitingShard"), Type: awsdynamodb.AttributeType_NUMBER},
			SortKey:             &awsdynamodb.Attribute{Name: jsii.String("updatedAt"), Type: awsdynamodb.AttributeType_STRING},
			MaxReadRequestUnits: jsii.Number(maxTableRequestUnits), MaxWriteRequestUnits: jsii.Number(maxTableRequestUnits),
		}},
	})
}

func (s *service) newWebhookSecrets() awssecretsmanager.ISecret {
	return awssecretsmanager.NewSecret(s.stack, jsii.String("WebhookSecrets"), &awssecretsmanager.SecretProps{
		SecretName:  jsii.String(s.name + "/webhooks"),
		Description: jsii.String(`The webhooks' secrets, two for a provider while one is rotated: {"github":["…"],"stripe":["…"]}`),
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			SecretStringTemplate: jsii.String("{}"),
			GenerateStringKey:    jsii.String("unused"),
		},
	})
}
