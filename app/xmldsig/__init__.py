"""XML signatures (XMLDSig 1.1) and their properties (XAdES, ETSI EN 319 132-1), read strictly."""
