package dev.maestro.policy;

/**
 * Where in an attempt a rule stands, be it a policy or an interceptor of the application.
 *
 * <pre>
 * act        workspace → ROUTE → BRIEFING → GUARDRAILS → LIMITS → BUDGET → intent
 *            → action, with TOOL at each use of one → OUTPUT
 * verify     protected paths → checkpoint → DIFF → gates → CONFIDENCE
 * integrate  merge → gates on the merged files → MERGE → the branch moves
 * after a failure: RETRY
 * </pre>
 */
public enum Place {
  /** The attempt begins: who carries it out? Only policies stand here. */
  ROUTE,
  /** The prompt is written and can still be changed. */
  BRIEFING,
  /** The prompt is final: may it be sent? */
  GUARDRAILS,
  /** Is this the time for it? */
  LIMITS,
  /** Is there money for it? */
  BUDGET,
  /** The agent works: may it use this tool? Only guardrails stand here. */
  TOOL,
  /**
   * The agent or program has come to its end: may this be its output? After a yes it goes on with
   * it; all rules are asked, and what several of them doubt is one question.
   */
  OUTPUT,
  /** The work is there: may these files have been changed? */
  DIFF,
  /** The gates have passed: is it good enough? */
  CONFIDENCE,
  /** The merge is ready: may the branch be moved? */
  MERGE,
  /** The attempt has failed: is there to be another? Only policies stand here. */
  RETRY
}
