package dev.maestro.agent;

/**
 * Something a provider may or may not be able to do; asked before a run starts, never found out by
 * failing.
 */
public enum Capability {
  /** Conversations can be resumed by their session id. */
  SESSIONS("session resume"),
  /** It asks before it uses a tool. */
  PERMISSIONS("permission questions"),
  /** It reports usage while it works. */
  METERS("metering"),
  /** It stops by itself at a given cost. */
  CAPS_SPEND("a spending cap"),
  /**
   * It is started first and gets its prompt afterwards, so that the start can be made durable
   * before anything is paid for.
   */
  PROMPT_AFTER_START("a prompt after the start"),
  /** It takes images. */
  VISION("images"),
  /** Its thinking effort can be set. */
  THINKING("thinking levels"),
  /** It can use MCP servers. */
  MCP("MCP servers");

  private final String label;

  Capability(String label) {
    this.label = label;
  }

  /** {@return what it is called in a sentence, such as {@code session resume}} */
  public String label() {
    return label;
  }
}
