"""Applications (申请件) from draft to claim: facts, achievements, evidence, the rules of submission.

How a case moves is the process's business, what a claim is worth the policy's, what is paid on it money's.
"""
