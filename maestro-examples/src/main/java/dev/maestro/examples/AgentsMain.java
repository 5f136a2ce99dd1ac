package dev.maestro.examples;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Which agents are there on this machine, and what does one of them say?
 *
 * @see Agents#HELP
 */
public final class AgentsMain {

  private AgentsMain() {}

  /** Do what was asked for and end with its exit code. */
  public static void main(String[] args) throws InterruptedException {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    int code = new Agents(out, System.err).run(List.of(args));
    out.flush();
    System.exit(code);
  }
}
