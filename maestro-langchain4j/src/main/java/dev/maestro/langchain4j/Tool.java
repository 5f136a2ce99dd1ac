package dev.maestro.langchain4j;

import dev.langchain4j.agent.tool.ToolSpecification;
import java.io.IOException;

/** Something that a model may use. */
interface Tool {

  /** {@return what the model is told of it} */
  ToolSpecification specification();

  /** {@return whether the application has given the agent the right to this use} */
  boolean isGranted(Arguments arguments) throws ToolFailure;

  /**
   * Do it.
   *
   * @return what the model is told then
   * @throws ToolFailure when it could not be done
   * @throws IOException when the file system would not
   * @throws StoppedException when the launch has to end
   */
  Outcome use(Arguments arguments, Desk desk) throws ToolFailure, IOException, InterruptedException;

  /** {@return its name} */
  default String name() {
    return specification().name();
  }

  /**
   * What came of it.
   *
   * @param ok whether it did what was wanted
   * @param text what the model is told
   */
  record Outcome(boolean ok, String text) {

    static Outcome done(String text) {
      return new Outcome(true, text);
    }

    static Outcome failed(String text) {
      return new Outcome(false, text);
    }
  }
}
