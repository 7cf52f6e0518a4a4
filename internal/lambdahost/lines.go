package lambdahost

import (
	"bytes"
	"io"
	"sync"
)

// lines passes on what one process prints, line by line, so that those of several processes do not mix.
type lines struct {
	out  *lockedWriter
	rest []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	whole := bytes.LastIndexByte(l.rest, '\n') + 1
	if whole == 0 {
		return len(p), nil
	}
	_, err := l.out.Write(l.rest[:whole])
	l.rest = append(l.rest[:0], l.rest[whole:]...)
	return len(p), err
}

// lockedWriter lets one write at a time through.
type lockedWriter struct {
	mu  sync.Mutex
	out io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(p)
}
