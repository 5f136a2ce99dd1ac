package dev.maestro.policy;

import java.util.ArrayList;
import java.util.List;

/** Reads a script of {@code sed} for whether it would run something: by {@code e}, or a flag. */
final class SedScript {

  private static final String TO_END_OF_LINE = "rRwW#:btTv";

  private final String text;
  private final List<String> files = new ArrayList<>();
  private int at;

  private SedScript(String text) {
    this.text = text;
  }

  /** {@return whether one of the scripts among the arguments would run something} */
  static boolean runs(List<String> arguments) {
    return scripts(arguments).stream().anyMatch(script -> new SedScript(script).runs());
  }

  /** {@return the files that the scripts among the arguments would write} */
  static List<String> files(List<String> arguments) {
    List<String> files = new ArrayList<>();
    for (String text : scripts(arguments)) {
      SedScript script = new SedScript(text);
      script.readToEnd();
      files.addAll(script.files);
    }
    return files;
  }

  /** Without an option for it, the first argument is the script. */
  private static List<String> scripts(List<String> arguments) {
    List<String> scripts = new ArrayList<>();
    List<String> operands = new ArrayList<>();
    boolean named = false;
    for (int i = 0; i < arguments.size(); i++) {
      String word = arguments.get(i);
      if (word.matches("-[a-zA-Z]*e|--expression") && i + 1 < arguments.size()) {
        i++;
        scripts.add(arguments.get(i));
      } else if (word.matches("(?s)(--expression=|-[nrEsuz]*e).+")) {
        scripts.add(word.replaceFirst("(?s)^(--expression=|-[nrEsuz]*e)", ""));
      } else if (word.matches("(?s)-[nrEsuzi]*f.*|--file.*")) {
        named = true;
      } else if (!word.startsWith("-") && !word.isEmpty()) {
        operands.add(word);
      }
    }
    if (scripts.isEmpty() && !named && !operands.isEmpty()) {
      scripts.add(operands.get(0));
    }
    return scripts;
  }

  private boolean runs() {
    while (at < text.length()) {
      if (commandRuns()) {
        return true;
      }
    }
    return false;
  }

  private void readToEnd() {
    while (at < text.length()) {
      commandRuns();
    }
  }

  private boolean commandRuns() {
    char c = text.charAt(at);
    at++;
    if (c == 'e' || c == 's' && substitutionRuns()) {
      return true;
    }
    if (c == 'w' || c == 'W') {
      noteFile();
    }
    skip(c);
    return false;
  }

  /** A name goes to the end of its line. */
  private void noteFile() {
    int end = text.indexOf('\n', at);
    files.add(text.substring(at, end < 0 ? text.length() : end).strip());
  }

  /** What follows an address or a command and is no command itself. */
  private void skip(char c) {
    if (c == '/') {
      skipTo('/');
    } else if (c == '\\' && at < text.length()) {
      skipTo(text.charAt(at++));
    } else if (c == 'y' && at < text.length()) {
      char delimiter = text.charAt(at++);
      skipTo(delimiter);
      skipTo(delimiter);
    } else if ("aic".indexOf(c) >= 0) {
      skipText();
    } else if (TO_END_OF_LINE.indexOf(c) >= 0) {
      skipLine("btT".indexOf(c) >= 0);
    }
  }

  private boolean substitutionRuns() {
    if (at == text.length()) {
      return false;
    }
    char delimiter = text.charAt(at++);
    skipTo(delimiter);
    skipTo(delimiter);
    while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
      char flag = text.charAt(at++);
      if (flag == 'e') {
        return true;
      } else if (flag == 'w') {
        noteFile();
        skipLine(false);
      }
    }
    return false;
  }

  /** A delimiter in brackets is none. */
  private void skipTo(char delimiter) {
    boolean inBrackets = false;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '\\') {
        at = Math.min(at + 1, text.length());
      } else if (c == delimiter && !inBrackets) {
        return;
      }
      inBrackets = c == '[' || inBrackets && c != ']';
    }
  }

  private void skipLine(boolean orCommand) {
    while (at < text.length()
        && text.charAt(at) != '\n'
        && !(orCommand && text.charAt(at) == ';')) {
      at++;
    }
  }

  /** A text goes on behind a backslash at the end of a line. */
  private void skipText() {
    while (at < text.length() && text.charAt(at) != '\n') {
      at = Math.min(at + (text.charAt(at) == '\\' ? 2 : 1), text.length());
    }
  }
}
