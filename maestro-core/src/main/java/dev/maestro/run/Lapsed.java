package dev.maestro.run;

import dev.maestro.approval.Question;

/**
 * A question about work that nobody answered in time. The work is still there: whoever tries the
 * task again has it asked anew, and nothing is done twice.
 *
 * @param question as it was asked
 * @param next where the task goes on after a yes
 */
record Lapsed(Question question, Phase next) {}
