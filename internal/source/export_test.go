package source

// LimitFetch lowers the bytes that a repository may have in the cache.
func (s *Store) LimitFetch(bytes int64) { s.maxFetch = bytes }
