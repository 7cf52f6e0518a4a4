// Package examples keeps examples/ what the templates render. The examples are there to be read, and to show in a
// review what a change of a template does.
package examples
