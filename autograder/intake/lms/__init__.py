"""How learning management systems name what they let teachers download.

Rule: each module knows one system's names and nothing of the roster; what a name says is told, nothing is
guessed.
"""
