package rules

import (
	"slices"
	"strings"

	"github.com/serverless-scaffold/scaffold/internal/cfn"
)

const notYours = "it is encrypted with a key that is not yours"

// keyPath is where each kind of resource names the key that encrypts it.
func keyPath(kind string) []string {
	return map[string][]string{
		"AWS::SQS::Queue":          {"KmsMasterKeyId"},
		"AWS::SNS::Topic":          {"KmsMasterKeyId"},
		"AWS::Logs::LogGroup":      {"KmsKeyId"},
		"AWS::Lambda::Function":    {"KmsKeyArn"},
		"AWS::DynamoDB::Table":     {"SSESpecification", "KMSMasterKeyId"},
		"AWS::Events::EventBus":    {"KmsKeyIdentifier"},
		"AWS::Backup::BackupVault": {"EncryptionKeyArn"},
	}[kind]
}

func ownKeys(s *Subject) Outcome {
	var resources []*cfn.Resource
	for _, r := range s.Resources {
		if (keyPath(r.Type) != nil || r.Type == "AWS::DynamoDB::GlobalTable" || r.Type == "AWS::KMS::Key") && !isProvider(r.ID) {
			resources = append(resources, r)
		}
	}
	return each(resources, "table, queue, topic, bus, log group, function or key", func(r *cfn.Resource) string {
		switch {
		case r.Type == "AWS::KMS::Key" && !rotates(r):
			return "the key does not rotate"
		case r.Type != "AWS::KMS::Key" && !hasOwnKey(r):
			return notYours
		default:
			return ""
		}
	})
}

// rotates says so of a symmetric key; others cannot.
func rotates(key *cfn.Resource) bool {
	isAsymmetric := strings.HasPrefix(key.Text("KeySpec"), "RSA") || strings.HasPrefix(key.Text("KeySpec"), "ECC")
	return isAsymmetric || key.At("EnableKeyRotation") == true
}

func hasOwnKey(r *cfn.Resource) bool {
	if r.Type == "AWS::DynamoDB::GlobalTable" {
		return !slices.ContainsFunc(replicas(r), func(replica any) bool { return cfn.At(replica, "SSESpecification", "KMSMasterKeyId") == nil })
	}
	return r.At(keyPath(r.Type)...) != nil
}

func secretKeys(s *Subject) Outcome {
	return each(s.OfType("AWS::SecretsManager::Secret"), "secret", func(r *cfn.Resource) string {
		if r.At("KmsKeyId") == nil {
			return notYours
		}
		return ""
	})
}

func firewall(s *Subject) Outcome {
	guarded := s.OfType("AWS::ApiGateway::Stage", "AWS::CloudFront::Distribution")
	for _, api := range s.OfType("AWS::ApiGatewayV2::Api") {
		if api.Text("ProtocolType") == "HTTP" && api.At("DisableExecuteApiEndpoint") != true {
			guarded = append(guarded, api)
		}
	}
	return each(guarded, "stage of an API or distribution", func(r *cfn.Resource) string {
		switch {
		case r.Type == "AWS::ApiGatewayV2::Api":
			return "a firewall cannot stand before an HTTP API, and it can be reached directly"
		case r.Type == "AWS::CloudFront::Distribution" && r.At("DistributionConfig", "WebACLId") == nil,
			r.Type == "AWS::ApiGateway::Stage" && !s.isAssociated(r):
			return "no firewall stands before it"
		default:
			return ""
		}
	})
}

func (s *Subject) isAssociated(stage *cfn.Resource) bool {
	return slices.ContainsFunc(s.OfType("AWS::WAFv2::WebACLAssociation"), func(a *cfn.Resource) bool { return s.RefersTo(a.At("ResourceArn"), stage) })
}

func codeSigned(s *Subject) Outcome {
	return each(s.functions(), "function", func(f *cfn.Resource) string {
		config := first(s.Refs(f.At("CodeSigningConfigArn")), "AWS::Lambda::CodeSigningConfig")
		switch {
		case f.At("CodeSigningConfigArn") == nil:
			return "it runs whatever code it is given"
		case s.Policy.Package.SignatureEnforced && config != nil && config.Text("CodeSigningPolicies", "UntrustedArtifactOnDeployment") != "Enforce":
			return "code without a signature is reported and not refused"
		default:
			return ""
		}
	})
}

func boundaries(s *Subject) Outcome {
	roles := slices.DeleteFunc(s.OfType("AWS::IAM::Role"), func(r *cfn.Resource) bool { return isProvider(r.ID) })
	return each(roles, "role", func(r *cfn.Resource) string {
		if r.At("PermissionsBoundary") == nil {
			return "nothing bounds what it may be allowed one day"
		}
		return ""
	})
}

// isBoundary says of a managed policy that roles have it as their boundary: it grants nothing.
func (s *Subject) isBoundary(policy *cfn.Resource) bool {
	return slices.ContainsFunc(s.OfType("AWS::IAM::Role"), func(role *cfn.Resource) bool {
		return s.RefersTo(role.At("PermissionsBoundary"), policy)
	})
}

func reserved(s *Subject) Outcome {
	return each(s.functions(), "function", func(f *cfn.Resource) string {
		if f.At("ReservedConcurrentExecutions") == nil {
			return "other functions of the account can take all of its instances"
		}
		return ""
	})
}

// warm looks at the functions that callers wait for. SnapStart does for some runtimes what warm instances do.
func warm(s *Subject) Outcome {
	if environment := s.environment(); isDisposable(environment) || environment == "staging" {
		return Outcome{Skip: "nobody waits for the environment " + environment}
	}
	behind := s.behindAPI()
	functions := slices.DeleteFunc(s.functions(), func(f *cfn.Resource) bool { return !behind[f] })
	return each(functions, "function behind an API", func(f *cfn.Resource) string {
		isWarm := slices.ContainsFunc(s.OfType("AWS::Lambda::Alias"), func(alias *cfn.Resource) bool {
			return s.functionOf(alias.At("FunctionName")) == f && alias.At("ProvisionedConcurrencyConfig") != nil
		})
		if !isWarm && f.At("SnapStart") == nil {
			return "a caller may have to wait for its start"
		}
		return ""
	})
}

func objectives(s *Subject) Outcome {
	return s.atLeastOne("AWS::ApplicationSignals::ServiceLevelObjective", "service level objective")
}

func composite(s *Subject) Outcome {
	return s.atLeastOne("AWS::CloudWatch::CompositeAlarm", "alarm for what customers feel")
}

func backups(s *Subject) Outcome {
	selections := s.OfType("AWS::Backup::BackupSelection")
	return each(s.tables(), "table", func(table *cfn.Resource) string {
		covered := slices.ContainsFunc(selections, func(selection *cfn.Resource) bool {
			return s.RefersTo(selection.At("BackupSelection", "Resources"), table) || len(selection.List("BackupSelection", "ListOfTags")) > 0
		})
		if !covered {
			return "no backup outlives it"
		}
		return ""
	})
}
