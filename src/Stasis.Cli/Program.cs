return args is ["version"] ? 0 : 125;
