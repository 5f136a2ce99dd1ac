package dev.maestro.langchain4j;

/** A tool could not do what the model wanted; the model is told why and goes on. */
final class ToolFailure extends Exception {

  private static final long serialVersionUID = 1L;

  ToolFailure(String why) {
    super(why, null, false, false);
  }

  /** {@return why, for the model} */
  String why() {
    return String.valueOf(getMessage());
  }
}
