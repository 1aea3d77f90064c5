"""When a request is sent again, and what is known of it when it is not."""
