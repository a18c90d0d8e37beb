"""Pages of the officers: worklist, all applications, one application with its acts, evidence and papers."""
