package policy

// OwnedByAWS reports whether the name of an SSM document is one that only AWS
// can give.
func OwnedByAWS(document string) bool { return ownedByAWS(document) }
