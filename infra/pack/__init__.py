"""The resource rules as a policy pack of Pulumi's engine: the same pure rules, shown what the engine plans.

Speaks the engine's analyzer protocol itself: no rule ever imports pulumi, and nothing turns an unknown into a pass.
"""
