package dev.maestro.providers;

/**
 * Understands a program that writes its answer, and maybe lines that {@link CommandAgent}
 * documents.
 *
 * @param plain whether every line is taken for a piece of the answer
 */
record ReportReading(boolean plain) implements Reading {

  @Override
  public void line(String line, Account account) {
    (plain ? Report.text(line) : ReportLine.read(line)).tell(account);
  }

  @Override
  public boolean needsCompletion() {
    return false;
  }
}
