package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsbudgets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsce"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// BudgetProps describes what a service may cost.
type BudgetProps struct {
	Alarms *Alarms
	// Service is the value of the tag `service`, by which costs are told apart. The tag has to be
	// activated once in the account's billing settings.
	Service string
	// MonthlyUSD is the budget.
	MonthlyUSD float64
	// ActualPercent of it spent, or ForecastPercent of it expected, is worth a mail.
	ActualPercent, ForecastPercent float64
	// AnomalyUSD is how much a single unusual cost may be; 0 if nobody looks for them.
	AnomalyUSD float64
}

// NewBudget makes the budget, and watches for unusual costs.
func NewBudget(scope constructs.Construct, id string, props *BudgetProps) {
	scope = constructs.NewConstruct(scope, jsii.String(id))
	subscribers := &[]*awsbudgets.CfnBudget_SubscriberProperty{{
		SubscriptionType: jsii.String("SNS"), Address: props.Alarms.Topic().TopicArn(),
	}}
	notify := func(kind string, percent float64) *awsbudgets.CfnBudget_NotificationWithSubscribersProperty {
		return &awsbudgets.CfnBudget_NotificationWithSubscribersProperty{
			Notification: &awsbudgets.CfnBudget_NotificationProperty{
				NotificationType:   jsii.String(kind),
				ComparisonOperator: jsii.String("GREATER_THAN"),
				Threshold:          jsii.Number(percent),
				ThresholdType:      jsii.String("PERCENTAGE"),
			},
			Subscribers: subscribers,
		}
	}
	awsbudgets.NewCfnBudget(scope, jsii.String("Budget"), &awsbudgets.CfnBudgetProps{
		Budget: &awsbudgets.CfnBudget_BudgetDataProperty{
			BudgetType:  jsii.String("COST"),
			TimeUnit:    jsii.String("MONTHLY"),
			BudgetLimit: &awsbudgets.CfnBudget_SpendProperty{Amount: jsii.Number(props.MonthlyUSD), Unit: jsii.String("USD")},
			CostFilters: map[string]any{"TagKeyValue": []string{"user:service$" + props.Service}},
		},
		NotificationsWithSubscribers: &[]any{
			notify("ACTUAL", props.ActualPercent),
			notify("FORECASTED", props.ForecastPercent),
		},
	})
	if props.AnomalyUSD > 0 {
		watchAnomalies(scope, props)
	}
}

func watchAnomalies(scope constructs.Construct, props *BudgetProps) {
	monitor := awsce.NewCfnAnomalyMonitor(scope, jsii.String("Anomalies"), &awsce.CfnAnomalyMonitorProps{
		MonitorName:          jsii.String(props.Service),
		MonitorType:          jsii.String("CUSTOM"),
		MonitorSpecification: jsii.String(fmt.Sprintf(`{"Tags":{"Key":"service","Values":[%q]}}`, props.Service)),
	})
	awsce.NewCfnAnomalySubscription(scope, jsii.String("AnomalyAlert"), &awsce.CfnAnomalySubscriptionProps{
		SubscriptionName: jsii.String(props.Service),
		Frequency:        jsii.String("IMMEDIATE"),
		MonitorArnList:   &[]any{monitor.AttrMonitorArn()},
		ThresholdExpression: jsii.String(fmt.Sprintf(
			`{"Dimensions":{"Key":"ANOMALY_TOTAL_IMPACT_ABSOLUTE","MatchOptions":["GREATER_THAN_OR_EQUAL"],"Values":["%g"]}}`, props.AnomalyUSD)),
		Subscribers: &[]*awsce.CfnAnomalySubscription_SubscriberProperty{{
			Type: jsii.String("SNS"), Address: props.Alarms.Topic().TopicArn(),
		}},
	})
}
