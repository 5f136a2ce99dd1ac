package dev.maestro.examples;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Looks into a store from the command line, while its owner may be running, and lets people answer
 * what runs ask while nobody has the store open.
 *
 * @see Operator#HELP
 */
public final class OperatorMain {

  private OperatorMain() {}

  /** Do what was asked for and end with its exit code. */
  public static void main(String[] args) {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    int code = new Operator(out, System.err).run(List.of(args));
    out.flush();
    System.exit(code);
  }
}
