package dev.maestro.langchain4j;

import dev.maestro.agent.AgentRequest;
import dev.maestro.process.Cancellation;
import dev.maestro.process.Time;

/**
 * What tools work with during one launch.
 *
 * @param workplace where
 * @param request of the launch
 * @param time for limits
 * @param cancellation of the launch
 * @param watch knows how much time is left
 * @param mailbox tells when the launch has to end
 * @param outputLimit how many characters of an output the model is shown
 */
record Desk(
    Workplace workplace,
    AgentRequest request,
    Time time,
    Cancellation cancellation,
    Watch watch,
    Mailbox mailbox,
    int outputLimit) {

  /**
   * Go on, unless the launch has to end.
   *
   * @throws StoppedException when it has to
   */
  void check() {
    mailbox.check();
  }
}
