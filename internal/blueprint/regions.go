package blueprint

import (
	"fmt"
	"slices"
	"strings"
)

// region is a region of AWS, and where it is.
type region struct{ code, place string }

// regionsOf is when the list of regions was made; a later one may be missing.
const regionsOf = "November 2026"

// regions is the regions of AWS's public partition, as of regionsOf:
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
//
//nolint:gochecknoglobals // immutable table
var regions = []region{
	{"us-east-1", "Virginia"},
	{"us-east-2", "Ohio"},
	{"us-west-1", "California"},
	{"us-west-2", "Oregon"},
	{"af-south-1", "Cape Town"},
	{"ap-east-1", "Hong Kong"},
	{"ap-east-2", "Taipei"},
	{"ap-northeast-1", "Tokyo"},
	{"ap-northeast-2", "Seoul"},
	{"ap-northeast-3", "Osaka"},
	{"ap-south-1", "Mumbai"},
	{"ap-south-2", "Hyderabad"},
	{"ap-southeast-1", "Singapore"},
	{"ap-southeast-2", "Sydney"},
	{"ap-southeast-3", "Jakarta"},
	{"ap-southeast-4", "Melbourne"},
	{"ap-southeast-5", "Malaysia"},
	{"ap-southeast-6", "New Zealand"},
	{"ap-southeast-7", "Thailand"},
	{"ca-central-1", "Montreal"},
	{"ca-west-1", "Calgary"},
	{"eu-central-1", "Frankfurt"},
	{"eu-central-2", "Zurich"},
	{"eu-north-1", "Stockholm"},
	{"eu-south-1", "Milan"},
	{"eu-south-2", "Spain"},
	{"eu-west-1", "Ireland"},
	{"eu-west-2", "London"},
	{"eu-west-3", "Paris"},
	{"il-central-1", "Tel Aviv"},
	{"me-central-1", "UAE"},
	{"me-south-1", "Bahrain"},
	{"mx-central-1", "Mexico"},
	{"sa-east-1", "Sao Paulo"},
}

// regionProblem returns what is wrong with the name of a region, and how to put it right.
func regionProblem(value string) (message, hint string) {
	if slices.ContainsFunc(regions, func(r region) bool { return r.code == value }) {
		return "", ""
	}
	message = fmt.Sprintf("regions cannot be %q", value)
	for _, prefix := range []string{"cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"} {
		if strings.HasPrefix(value, prefix) {
			return message,
				"it belongs to another partition of AWS, and services are rendered for the public one: eu-west-1, us-east-1, …"
		}
	}
	codes := make([]string, len(regions))
	for n, known := range regions {
		codes[n] = known.code
		if strings.EqualFold(known.place, strings.TrimSpace(strings.ReplaceAll(value, "-", " "))) {
			return message, fmt.Sprintf("did you mean %q?", known.code)
		}
	}
	if near := Nearest(value, codes); near != "" {
		return message, fmt.Sprintf("did you mean %q? The list of regions is that of %s", near, regionsOf)
	}
	return message, "expected an AWS region such as eu-west-1; the list of regions is that of " + regionsOf
}
