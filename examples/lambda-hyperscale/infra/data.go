package main

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	parts "orders/infra/constructs"
)

// staleOrders is the index in which the reconciler finds orders that wait; src/adapters/aws/order-store.ts reads it.
const staleOrders = "stale-orders"

// newTable makes the table with a replica in every other region, or refers to the replica.
func newTable(stack awscdk.Stack, alarms *parts.Alarms, environment *Environment, key awskms.IKey) awsdynamodb.ITableV2 {
	if !environment.isPrimary() {
		return replica(stack, alarms, environment, key)
	}
	keys := map[string]string{}
	for _, region := range environment.others() {
		keys[region] = environment.keyIn(region)
	}
	return parts.NewTable(stack, "Table", &parts.TableProps{
		Name:          environment.sharedName(),
		Regions:       keys,
		Alarms:        alarms,
		Key:           key,
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

// replica is the part of the table that is in this region. The label of its stream is only known once it is there, so it is
// a parameter: the deployment asks for it.
func replica(stack awscdk.Stack, alarms *parts.Alarms, environment *Environment, key awskms.IKey) awsdynamodb.ITableV2 {
	stream := awscdk.NewCfnParameter(stack, jsii.String("StreamArn"), &awscdk.CfnParameterProps{
		Type:           jsii.String("String"),
		Description:    jsii.String("The stream of the table's replica in this region"),
		AllowedPattern: jsii.String("arn:aws:dynamodb:.+/stream/.+"),
	})
	table := awsdynamodb.TableV2_FromTableAttributes(stack, jsii.String("Table"), &awsdynamodb.TableAttributesV2{
		TableArn:       jsii.String(fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s", environment.Region, environment.Account, environment.sharedName())),
		TableStreamArn: stream.ValueAsString(),
		EncryptionKey:  key,
	})
	parts.WatchTable(stack, table, alarms)
	return table
}

// newWebhookSecrets makes the secret with a replica in every other region, or refers to the replica.
func (s *service) newWebhookSecrets() awssecretsmanager.ISecret {
	name := jsii.String(s.environment.sharedName() + "/webhooks")
	if !s.environment.isPrimary() {
		return awssecretsmanager.Secret_FromSecretNameV2(s.stack, jsii.String("WebhookSecrets"), name)
	}
	var replicas []*awssecretsmanager.ReplicaRegion
	for _, region := range s.environment.others() {
		replicas = append(replicas, &awssecretsmanager.ReplicaRegion{
			Region:        jsii.String(region),
			EncryptionKey: awskms.Key_FromKeyArn(s.stack, jsii.String("Key-"+region), jsii.String(s.environment.keyIn(region))),
		})
	}
	return awssecretsmanager.NewSecret(s.stack, jsii.String("WebhookSecrets"), &awssecretsmanager.SecretProps{
		SecretName:     name,
		Description:    jsii.String(`The webhooks' secrets, two for a provider while one is rotated: {"github":["…"],"stripe":["…"]}`),
		EncryptionKey:  s.key,
		ReplicaRegions: &replicas,
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			SecretStringTemplate: jsii.String("{}"),
			GenerateStringKey:    jsii.String("unused"),
		},
	})
}
