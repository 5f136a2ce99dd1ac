/**
 * Chat models as coding agents: any model that LangChain4j reaches, with tools that work in the
 * workspace.
 *
 * <p>Start at {@link dev.maestro.langchain4j.ChatAgent}.
 */
@NullMarked
package dev.maestro.langchain4j;

import org.jspecify.annotations.NullMarked;
