package project

// WithHook returns the place of a project whose changes of the disk are announced to the hook; an error takes their place.
func (p Place) WithHook(onWrite func(call string) error) Place {
	p.onWrite = onWrite
	return p
}

// StateDir returns the folder of the journal.
func (s *State) StateDir() string { return s.stateDir }

// BasePath and AttributesName are where the records lie.
var BasePath = basePath

const AttributesName = attributesName

// ParseLock reads a lock.
var ParseLock = parseLock
