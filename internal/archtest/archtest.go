// Package archtest holds the architecture: who may import whom, and which packages stay pure.
package archtest
