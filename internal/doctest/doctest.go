// Package doctest holds the documents to what they say: their links lead somewhere, and their sessions are what happens.
package doctest
