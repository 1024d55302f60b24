// A target needs one source; this is it where a folder holds headers only.
